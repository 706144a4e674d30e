"""Addresses and bank accounts in words: cases and what to do about them, answers, steps, labels."""
