"""The hot path: the common things that happen to conversations, done for many of them in one transaction.

What is out of the ordinary (files, quotes, mentions, a closed or snoozed thread) is left to the actions of the slice,
which do one thing at a time and everything; both write the same rows, numbers, events and frames.
"""
