"""The generator of the synthetic records; apart from the flow."""
