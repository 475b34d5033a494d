/* A header of the module's own. */
static inline int square(int x)
{
	if (x > 100)
		return -1;
	return x * x; /* ran */
}
