ALTER TYPE shop.state ADD VALUE 'returned' BEFORE 'cancelled';
