"""The emulated processor. Only this room imports unicorn; everything above sees registers, traps and events."""
