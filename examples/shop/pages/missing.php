<?php

declare(strict_types=1);

?>
<h1>There is nothing here</h1>
<p>What you were looking for is gone, or never was. <a href="/">Go to the start</a></p>
