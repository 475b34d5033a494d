"""What is taken on a machine that has just booted: numbers of character devices, classes, names in /proc.

As Debian's linux-image-6.1.0-56-amd64 has them in QEMU: /proc/devices, ls /sys/class, ls /proc.
"""

_ALL = 1 << 20


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# (major, first minor, how many, name). Where a driver takes no fixed number of minors, all of its major.
REGIONS = (
    (1, 0, 256, "mem"), (4, 0, 1, "/dev/vc/0"), (4, 1, 63, "tty"), (4, 64, 4, "ttyS"), (5, 0, 1, "/dev/tty"),
    (5, 1, 1, "/dev/console"), (5, 2, 1, "/dev/ptmx"), (7, 0, 256, "vcs"), (10, 0, 256, "misc"),
    (13, 0, 1024, "input"), (29, 0, 256, "fb"), (128, 0, _ALL, "ptm"), (136, 0, _ALL, "pts"), (153, 0, 256, "spi"),
    (247, 0, _ALL, "cxl"), (248, 0, _ALL, "bsg"), (249, 0, _ALL, "ptp"), (250, 0, _ALL, "pps"), (251, 0, _ALL, "rtc"),
    (252, 0, _ALL, "dax"), (253, 0, _ALL, "tpm"), (254, 0, _ALL, "gpiochip"),
)  # fmt: skip

CLASSES = _words("""
backlight bdi block bsg devcoredump devfreq devlink dma firmware gpio graphics hwmon i2c-adapter input intel_scu_ipc
iommu leds mem misc net pci_bus phy power_supply powercap pps ptp pwm regulator rtc spi_master spidev thermal tpm tpmrm
tty vc vtconsole wakeup
""")

PROC_FILES = _words("""
buddyinfo cgroups cmdline consoles cpuinfo crypto devices diskstats dma execdomains fb filesystems interrupts iomem
ioports kallsyms kcore key-users keys kmsg kpagecgroup kpagecount kpageflags loadavg locks meminfo misc modules mounts
mtrr net pagetypeinfo partitions schedstat self slabinfo softirqs stat swaps sysrq-trigger thread-self timer_list uptime
version vmallocinfo vmstat zoneinfo
""")
PROC_DIRECTORIES = ("acpi", "bus", "driver", "dynamic_debug", "fs", "irq", "pressure", "sys", "sysvipc", "tty")

DEBUGFS_FILES = _words("""
clear_warn_once devices_deferred dma_pools fault_around_bytes gpio lru_gen lru_gen_full sleep_time split_huge_pages
suspend_stats wakeup_sources
""")
DEBUGFS_DIRECTORIES = _words("""
bdi block clk cxl devfreq device_component dma_buf dmaengine dynamic_debug energy_model extfrag frontswap i2c kprobes
mce opp pinctrl pm_genpd pwm ras regmap regulator sched slab swiotlb tracing x86 zswap
""")
