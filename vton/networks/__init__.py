"""Network architectures: modules and their forward passes, nothing else."""
