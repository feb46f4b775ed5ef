"""The Rasa environment's side: training, judging and exporting. Only this package may import Rasa."""
