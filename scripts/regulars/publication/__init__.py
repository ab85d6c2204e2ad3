"""Publishing: files first, then one transaction that readers see whole or not at all."""
