-- statements that no desired state may hold [refused]
CREATE ROLE "hostile @CASE@" SUPERUSER;
GRANT pg_execute_server_program TO plain;
ALTER ROLE plain SUPERUSER;
