"""The gates: what must hold before a night goes on. The expectations stand in expectations/."""
