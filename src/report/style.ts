// The page's style sheet: dark ink on white, on screen and on paper. Holds no < and no &, so that it needs no escaping.

export const STYLE = `
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0 auto;padding:28px 24px 48px;max-width:1080px;color:#222;background:#fff;font:15px/1.5 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
h1{margin:0;font-size:28px;line-height:1.2;overflow-wrap:anywhere}
h2{margin:34px 0 10px;padding-bottom:4px;border-bottom:1px solid #d4d4d4;font-size:18px}
p{margin:8px 0;max-width:80ch}
.status{display:inline-block;margin:10px 10px 0 0;padding:3px 12px;border:2px solid;border-radius:4px;font-weight:650}
.reduced{color:#00664b}.manual{color:#8a4a00}.unsolved,.failed{color:#9c3a00}
.about,figcaption,.note{color:#555;font-size:14px}
.about{margin:8px 0 0}
.lead{font-size:17px}
.key{display:flex;flex-wrap:wrap;gap:10px;margin:18px 0 0;padding:0;list-style:none}
.key li{flex:1 1 160px;padding:10px 14px;border:1px solid #d4d4d4;border-radius:4px}
.key span{display:block;color:#555;font-size:13px}
.key b{display:block;font-size:20px;font-weight:600;line-height:1.3;white-space:nowrap}
.key small{color:#555;font-size:13px}
.reasons{margin:0;padding:0;list-style:none}
.reasons li{margin:0 0 12px;padding:4px 0 4px 14px;border-left:4px solid #b4b4b4}
.reasons .fatal,.reasons .flag{border-color:#D55E00}.reasons .warn{border-color:#E69F00}
.reasons p{margin:2px 0}
code{font:13px ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr));gap:0 36px}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:4px 10px 4px 0;border-bottom:1px solid #e6e6e6;text-align:left;vertical-align:top;overflow-wrap:break-word}
thead th{white-space:nowrap}
th{font-weight:600}
tbody th{width:42%;color:#555;font-weight:400;overflow-wrap:normal}
.number{text-align:right;padding-right:18px;white-space:nowrap}
.chosen td{font-weight:650}
figure{margin:0;break-inside:avoid}
figure svg{display:block;width:100%;height:auto}
figure.plate>svg{width:auto;max-width:100%;margin:0 auto;border:1px solid #d4d4d4}
figcaption{margin:6px 0 18px}
.legend{display:flex;flex-wrap:wrap;gap:2px 22px;margin:8px 0 2px;padding:0;list-style:none;color:#222;font-size:14px}
.legend svg{display:inline-block;width:16px;height:16px;border:0;vertical-align:-3px;margin-right:6px}
.mark{display:inline-block;width:16px;height:16px;vertical-align:-3px;margin-right:6px}
.exposures tbody th{width:auto;white-space:nowrap}
.exposures td{white-space:nowrap}
figure.small{max-width:380px}
footer{margin-top:36px;padding-top:10px;border-top:1px solid #d4d4d4}
@media print{body{max-width:none;padding:0;font-size:9pt}h1{font-size:18pt}h2{margin-top:14pt;font-size:12pt;break-after:avoid}.lead{font-size:10.5pt}.key b{font-size:12pt}.key li{flex-basis:90px;padding:4pt 6pt}.columns{grid-template-columns:1fr 1fr;gap:0 20px}tr,.reasons li{break-inside:avoid}figure.plate>svg{max-height:190mm}.key small{font-size:8pt}.note,figcaption,.about,.legend{font-size:8.5pt}@page{margin:12mm}}
`
