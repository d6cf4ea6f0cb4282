"""Everything that one item can come to, or several together: walked, tabulated, counted, compared, asked."""
