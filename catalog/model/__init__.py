"""What exists: names, times, nodes, edges, facts and errors. Imports pydantic, nothing of ours.

Everything that the stores, the API, the JSON Schemas and the reference pages know about kinds of things is derived from
the classes in `nodes` and `edges`.
"""
