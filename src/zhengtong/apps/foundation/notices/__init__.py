"""Notices 通知: a sentence for whoever must act, with the page where they can; the apps above write them, everybody reads their own."""
