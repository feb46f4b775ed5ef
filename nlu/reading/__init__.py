"""What training (Python 3.10, beside Rasa) and serving (current Python, without it) do in exactly the
same way.

Nothing here may import Rasa, TensorFlow or scikit-learn: whatever is learnt arrives as plain arrays and
tables.
"""
