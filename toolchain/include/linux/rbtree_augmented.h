/* Linux: include/linux/rbtree_augmented.h */
#pragma once
#include <abi/rbtree.h> /* RB_RED RB_BLACK */
#include <linux/rbtree.h>
