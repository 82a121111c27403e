"""Rampart: senses, predicts, warns of and accounts for rockets, shells and mortar bombs."""

__version__ = "0.1.0"
