-- statements that no desired state may hold [refused]
ALTER DATABASE postgres SET search_path = app;
ALTER ROLE plain SET search_path = app;
