"""slab.h: kmalloc and its family, slab caches.

Linux: mm/slab_common.c, mm/slub.c, mm/util.c, 6.1
"""

from typing import Annotated

from kapi.registry import export, export_data, handed_to
from runtime.c import (
    Stepped,
    char_p,
    const_char_p,
    const_void_p,
    function_p,
    gfp_t,
    int_,
    kmem_cache_p,
    pointer,
    size_t,
    slab_flags_t,
    unsigned_int,
    unsigned_long,
    void_p,
)
from runtime.errors import Call
from runtime.kernel import Kernel

void_pp = Annotated[int, pointer("void *")]
list_lru_p = Annotated[int, pointer("list_lru")]

# kmalloc


@export
@handed_to(lambda k: k.slab.kmalloc)
def __kmalloc(k: Kernel, size: size_t, flags: gfp_t) -> void_p:
    """Allocate size bytes, aligned to 8, or to size where that is a power of two.

    Return: ZERO_SIZE_PTR (16) for size 0; NULL on scarcity, and above 4 MiB with a WARN, once.
    Finding: sleep-in-atomic where flags may sleep in atomic context.
    """
    return k.slab.kmalloc(size, flags)


@export
@handed_to(lambda k: k.slab.kmalloc_trace)
def kmalloc_trace(k: Kernel, s: kmem_cache_p, gfpflags: gfp_t, size: size_t) -> void_p:
    """kmalloc() of a constant size: the caller has looked its cache up in kmalloc_caches[][]."""
    return k.slab.kmalloc_trace(s, gfpflags, size)


@export
def kmalloc_node_trace(k: Kernel, s: kmem_cache_p, gfpflags: gfp_t, node: int_, size: size_t) -> void_p:
    return k.slab.kmalloc_trace(s, gfpflags, size)


@export
def __kmalloc_node(k: Kernel, size: size_t, flags: gfp_t, node: int_) -> void_p:
    return k.slab.kmalloc(size, flags)


@export
def __kmalloc_node_track_caller(k: Kernel, size: size_t, flags: gfp_t, node: int_, caller: unsigned_long) -> void_p:
    return k.slab.kmalloc(size, flags)


@export
def kmalloc_large(k: Kernel, size: size_t, flags: gfp_t) -> void_p:
    """kmalloc() of a constant size above 8 KiB: whole pages."""
    return k.slab.kmalloc_large(size, flags)


@export
def kmalloc_large_node(k: Kernel, size: size_t, flags: gfp_t, node: int_) -> void_p:
    return k.slab.kmalloc_large(size, flags)


@export
@handed_to(lambda k: k.slab.kfree)
def kfree(k: Kernel, object: const_void_p) -> None:
    """Free what kmalloc() or kmem_cache_alloc() gave; NULL and ZERO_SIZE_PTR are nothing.

    Finding: double-free, invalid-free, mismatched-free.
    """
    k.slab.kfree(object)


@export
def kfree_sensitive(k: Kernel, p: const_void_p) -> None:
    """Clear an object, all of its ksize(), and free it."""
    size = k.slab.ksize(p)
    if size:
        k.mem.fill(p, size, 0)
    k.slab.kfree(p)


@export
def ksize(k: Kernel, object: const_void_p) -> size_t:
    """Bytes that the owner of an object may use: those of its cache. Return: 0 for NULL and ZERO_SIZE_PTR."""
    return k.slab.ksize(object)


@export
def kmalloc_size_roundup(k: Kernel, size: size_t) -> size_t:
    """What ksize() would say of kmalloc(size)."""
    return k.slab.size_roundup(size)


@export
def krealloc(k: Kernel, p: const_void_p, new_size: size_t, flags: gfp_t) -> void_p:
    """Make an object larger or smaller; it moves only if its cache has no room.

    Return: the new address; ZERO_SIZE_PTR for new_size 0, which frees; NULL on scarcity: the old object stays.
    """
    if not new_size:
        k.slab.kfree(p)
        return k.slab.zero_size
    stays, old_size = k.slab.krealloc_size(p, new_size, flags)
    if stays:
        return p
    new = k.slab.kmalloc(new_size, flags)
    if new:
        k.mem.write(new, k.mem.read(p, min(old_size, new_size)))
        k.slab.kfree(p)
    return new


@export_data(8 * 4 * 14)
def kmalloc_caches(k: Kernel, at: int) -> None:
    """struct kmem_cache *kmalloc_caches[type][index], which kmalloc() of a constant size reads inline."""
    columns = k.slab.top_index + 1
    for kind in range(len(k.slab.kcaches)):
        for index in range(columns):
            k.mem.put64(at + 8 * (kind * columns + index), k.slab.kmalloc_address(kind, index))


# Copies


def _copy(k: Kernel, data: bytes, gfp: int) -> int:
    virt = k.slab.kmalloc(len(data), gfp)
    if virt and data:
        k.mem.write(virt, data)
    return virt


@export
def kstrdup(k: Kernel, s: const_char_p, gfp: gfp_t) -> char_p:
    """A copy of a string. Return: NULL for NULL, and on scarcity."""
    return _copy(k, k.mem.cstr(s) + b"\0", gfp) if s else 0


@export
def kstrdup_const(k: Kernel, s: const_char_p, gfp: gfp_t) -> const_char_p:
    """kstrdup() but for strings in the kernel's own read-only data, which are returned as they are;

    a module's are copied.
    """
    return kstrdup(k, s, gfp)


@export
def kfree_const(k: Kernel, x: const_void_p) -> None:
    k.slab.kfree(x)


@export
def kstrndup(k: Kernel, s: const_char_p, max: size_t, gfp: gfp_t) -> char_p:
    """A copy of at most max bytes of a string, and a NUL."""
    return _copy(k, k.mem.cstr(s, max) + b"\0", gfp) if s else 0


@export
def kmemdup(k: Kernel, src: const_void_p, len: size_t, gfp: gfp_t) -> void_p:
    """A copy of len bytes."""
    virt = k.slab.kmalloc(len, gfp)
    if virt and len:
        k.mem.write(virt, k.mem.read(src, len))
    return virt


@export
def kmemdup_nul(k: Kernel, s: const_char_p, len: size_t, gfp: gfp_t) -> char_p:
    """A copy of len bytes, and a NUL."""
    return _copy(k, k.mem.read(s, len) + b"\0", gfp) if s else 0


# Caches


@export
def kmem_cache_create_usercopy(
    k: Kernel, name: const_char_p, size: unsigned_int, align: unsigned_int, flags: slab_flags_t,
    useroffset: unsigned_int, usersize: unsigned_int, ctor: function_p,
) -> kmem_cache_p:  # fmt: skip
    """Create a cache for objects of size bytes, or find one that serves as well. ctor runs once for each object of a
    new slab.

    Return: NULL for bad sizes and on scarcity. A panic instead with SLAB_PANIC.
    """
    return k.slab.create(k.mem.cstr(name).decode("latin-1"), size, align, flags, ctor, useroffset, usersize)


@export
def kmem_cache_create(k: Kernel, name: const_char_p, size: unsigned_int, align: unsigned_int, flags: slab_flags_t,
                      ctor: function_p) -> kmem_cache_p:  # fmt: skip
    """kmem_cache_create_usercopy() of a cache that nothing is copied from or to user space."""
    return k.slab.create(k.mem.cstr(name).decode("latin-1"), size, align, flags, ctor)


@export
@handed_to(lambda k: k.slab.destroy)
def kmem_cache_destroy(k: Kernel, s: kmem_cache_p) -> None:
    """Destroy a cache; NULL is nothing. Objects that are still allocated: a WARN, and the cache stays."""
    k.slab.destroy(s)


@export
def kmem_cache_alloc(k: Kernel, s: kmem_cache_p, gfpflags: gfp_t) -> Stepped[void_p]:
    """Allocate an object. Return: NULL on scarcity. Finding: sleep-in-atomic."""
    objp = k.slab.kmem_cache_alloc(s, gfpflags)
    return _construct(k, s, gfpflags) if objp < 0 else objp


@export
def kmem_cache_alloc_node(k: Kernel, s: kmem_cache_p, gfpflags: gfp_t, node: int_) -> Stepped[void_p]:
    return kmem_cache_alloc(k, s, gfpflags)


@export
def kmem_cache_alloc_lru(k: Kernel, s: kmem_cache_p, lru: list_lru_p, gfpflags: gfp_t) -> Stepped[void_p]:
    return kmem_cache_alloc(k, s, gfpflags)


def _construct(k: Kernel, s: int, gfp: int) -> int | Call:
    """The cache has a constructor, and needs a new slab (which the allocator says by -1): let it run for each of the
    slab's objects first.
    """
    cache = k.slab.cache_at(s)
    slab = k.slab.begin_slab(cache, gfp) if cache is not None else None
    return 0 if slab is None else _constructed(k, 0, s, gfp, slab.base, 0)


def _constructed(k: Kernel, _rax: int, s: int, gfp: int, base: int, index: int) -> int | Call:
    """The constructor has run for the first index objects of the slab at base."""
    cache = k.slab.cache_at(s)
    if cache is None:  # a constructor has destroyed its own cache
        return 0
    objects = k.slab.objects_of(base)
    if index < len(objects):
        return Call(cache.ctor, objects[index], then=_constructed, data=(s, gfp, base, index + 1))
    k.slab.finish_slab(base)
    return k.slab.take(cache, gfp, cache.object_size)


@export
@handed_to(lambda k: k.slab.kmem_cache_free)
def kmem_cache_free(k: Kernel, s: kmem_cache_p, x: void_p) -> None:
    """Free an object of a cache; not NULL, as for kfree(). Finding: double-free, invalid-free, mismatched-free."""
    k.slab.kmem_cache_free(s, x)


@export
def kmem_cache_alloc_bulk(k: Kernel, s: kmem_cache_p, flags: gfp_t, size: size_t, p: void_pp) -> Stepped[int_]:
    """Allocate size objects, all or none, into the array p. Return: size, or 0."""
    return _alloc_bulk(k, 0, s, flags, size, p, 0)


def _alloc_bulk(k: Kernel, rax: int, s: int, flags: int, size: int, p: int, done: int) -> int | Call:
    """done objects are in the array; rax is the next one, if a constructor had to run for it."""
    while done < size:
        objp, rax = rax or k.slab.kmem_cache_alloc(s, flags), 0
        if objp < 0:
            call = _construct(k, s, flags)
            if isinstance(call, Call):
                return Call(call.fn, *call.args, then=_bulk_constructed, data=(s, flags, size, p, done, *call.data[2:]))
            objp = call
        if not objp:
            _free_bulk(k, s, done, p)
            return 0
        k.mem.put64(p + 8 * done, objp)
        done += 1
    return size


def _bulk_constructed(
    k: Kernel, _rax: int, s: int, flags: int, size: int, p: int, done: int, base: int, index: int
) -> int | Call:
    step = _constructed(k, 0, s, flags, base, index)
    if isinstance(step, Call):
        return Call(step.fn, *step.args, then=_bulk_constructed, data=(s, flags, size, p, done, base, index + 1))
    return _alloc_bulk(k, step, s, flags, size, p, done)


def _free_bulk(k: Kernel, s: int, size: int, p: int) -> None:
    for index in range(size):
        objp = k.mem.u64(p + 8 * index)
        if s:
            k.slab.kmem_cache_free(s, objp)
        else:
            k.slab.kfree(objp)


@export
def kmem_cache_free_bulk(k: Kernel, s: kmem_cache_p, size: size_t, p: void_pp) -> None:
    """Free the objects of an array; s may be NULL: kfree() of each."""
    _free_bulk(k, s, size, p)


@export
def kmem_cache_size(k: Kernel, s: kmem_cache_p) -> unsigned_int:
    """Bytes of an object, as the cache's first creator asked for."""
    return k.slab.cache_size(s)


@export
def kmem_cache_shrink(k: Kernel, cachep: kmem_cache_p) -> int_:
    """Give empty slabs back to the page allocator. Return: 0 where no slab is left."""
    return k.slab.shrink(cachep)
