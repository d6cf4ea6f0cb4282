"""Words and layout that the reports of several questions share."""
