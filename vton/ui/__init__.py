"""The page and its endpoints. The only part that imports gradio."""
