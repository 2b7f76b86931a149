"""What a change of the texts changes: two manifests compared, down to contracts of consumers.

Reads manifests and what is published; runs nothing.
"""
