"""Documents: files to raw text, raw text to cleaned text with offsets, compilations to sections."""
