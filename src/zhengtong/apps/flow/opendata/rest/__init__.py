"""Open data in the protocols of outsiders: DCAT-AP, data.json, CKAN's action API, OGC API Features. They read and never write."""
