"""The server's parts: which model is served, the queue before it, the HTTP around it, the processes."""
