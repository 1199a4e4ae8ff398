"""The readers: one module or folder for each kind of source. They import `catalog.model` and `catalog.sql`, nothing else of ours."""
