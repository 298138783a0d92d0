"""The demonstration: a made-up network on the real reference data and plan, so that every page has something to show.

Never outside a local portal: `manage.py load_demo` refuses. A fixed seed: two loads of one day give the same network.
"""
