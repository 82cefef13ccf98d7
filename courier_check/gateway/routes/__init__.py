"""The gateway's addresses, by noun. Each turns a request into one verb's arguments and its value into a response."""
