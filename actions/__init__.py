"""The verbs, one file each. An action imports nothing of ours but `actions.base`."""
