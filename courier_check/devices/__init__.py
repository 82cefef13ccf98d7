"""At the edge: pictures, barcodes, OCR of documents."""
