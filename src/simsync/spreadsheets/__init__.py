"""Decision tables to CSV and XLSX, and edited sheets back into the YAML files that they came from."""
