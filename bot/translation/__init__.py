"""The bridge for languages without curated texts: masked text goes to a translation service, if one is configured."""
