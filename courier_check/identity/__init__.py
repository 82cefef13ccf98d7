"""寄递实名: documents, numbers, validity, names, and which documents are valid for whom. Pure."""
