"""Work over many images by models: prefill runs, their batches, retries and waiting."""
