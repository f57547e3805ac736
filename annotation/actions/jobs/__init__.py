"""The job machine: runs over many images by models, their batches, results and retries, whatever a run makes."""
