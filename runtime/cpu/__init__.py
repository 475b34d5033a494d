"""The emulated processor. This is the only room that imports unicorn; everything above sees registers, traps and events."""
