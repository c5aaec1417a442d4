"""Reads a question: which tool it asks for, and which of its words are that tool's arguments."""
