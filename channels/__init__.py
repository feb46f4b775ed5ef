"""The doors to the citizens, one folder each. A channel imports nothing of ours but `channels.base`."""
