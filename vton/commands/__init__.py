"""The commands that use the pipeline and the weights."""
