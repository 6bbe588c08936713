"""An attacker who puts whole populations together, and shares no code with the gate.

He is given what a release shows, knows how a service of this kind works, and asks which
populations could stand behind it: how many people of each kind, families on each way, sessions
of each sort. Whatever all of them agree on, the release gives away.
"""
