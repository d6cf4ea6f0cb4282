"""`simsync table`: decision tables to CSV and XLSX, and edited sheets back into the files that they came from."""
