"""Details in a message, found by rules and the city's own names: they beat learning here and need no
examples.
"""
