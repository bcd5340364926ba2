ALTER TYPE app.state ADD VALUE 'late' BEFORE 'done';
