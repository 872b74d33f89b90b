"""Who is one and the same: company names, candidates with reasons, merging and taking it back."""
