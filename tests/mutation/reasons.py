"""Mutants that nothing is found in, and why that is right, or what kmodrun cannot see."""

from tests.mutation.mutants import DELETE, TWICE, Mutant

NEVER = "the statement never runs, whichever call fails"
NULL = "it frees NULL, always"
AGAIN = "what is empty is emptied again"
FLAGS = "the same flags are restored again"
OFF = "interrupts are off before and after"
LATER = "exit does it then"
STATIC = "the object is a variable: no memory is lost where its count stays above 0"
BOTH = "the statement allocates what it frees"
INLINE = "NOT SEEN: the module itself lowers the count of a struct page that is free; the kernel is not called"

# (name of the source, text of the statement) -> (reason, how).
REASONS = {
    ("free_error_pointer_fixed", "kfree(reply);"): (NEVER, DELETE, TWICE),
    ("free_twice_vmalloc_fixed", "vfree(log);"): (NULL, DELETE, TWICE),
    ("imbalance_irqs_fixed", "local_irq_restore(flags);"): (f"{FLAGS}, or {NEVER}", DELETE, TWICE),
    ("imbalance_mutex_fixed", "mutex_unlock(&state_lock);"): (NEVER, DELETE, TWICE),
    ("leak_idr_fixed", "idr_destroy(&ports);"): (AGAIN, TWICE),
    ("leak_vmalloc_fixed", "vfree(image);"): (NULL, DELETE, TWICE),
    ("refcount_from_zero_fixed", "kref_put(&bio.ref, bio_release);"): (STATIC, DELETE),
    ("sleep_irqs_off_fixed", "local_irq_restore(flags);"): (FLAGS, TWICE),
    ("uninit_free_fixed", "kfree(d->buffer);"): (NULL, DELETE, TWICE),
    ("export_provider", "kfree(entry);"): (NEVER, DELETE, TWICE),
    ("linked_items", "kref_put(&it->ref, item_release);"): (LATER, DELETE),
    ("locks_basic", "local_irq_restore(flags);"): (OFF, DELETE, TWICE),
    ("notifiers_scatterlists", "sg_free_table(&tbl);"): (AGAIN, TWICE),
    ("page_bulk", "folio_put(folio);"): (INLINE, TWICE),
    ("page_refcount", "put_page(page);"): (INLINE, TWICE),
    ("ring_buffers", "kfifo_free(&big);"): (AGAIN, TWICE),
    ("slab_merge", "kmem_cache_free(first, kmem_cache_alloc(first, GFP_KERNEL | __GFP_NOFAIL));"): (
        BOTH, DELETE, TWICE,
    ),
    ("xarray_idr", "xa_destroy(&array);"): (AGAIN, TWICE),
    ("xarray_idr", "idr_destroy(&idr);"): (AGAIN, TWICE),
    ("xarray_idr", "ida_destroy(&ida);"): (AGAIN, TWICE),
}


def reason(mutant: Mutant) -> str:
    """Why a mutant survives; "" for no known reason."""
    why, *hows = REASONS.get((mutant.source.stem, mutant.statement), ("",))
    return why if mutant.how in hows else ""
