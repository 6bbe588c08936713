"""What a reviewer asks of a run: is it reproduced, where is a number from, what is fulfilled."""
