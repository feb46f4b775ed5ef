"""Whole conversations played without a citizen: does a new model still lead them where they should go?"""
