"""What differs between processors: address map, page table entries, argument slots, zones. Data and formulas only."""
